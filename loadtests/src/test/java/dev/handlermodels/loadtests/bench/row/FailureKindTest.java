package dev.handlermodels.loadtests.bench.row;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class FailureKindTest {
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "Request timeout to 127.0.0.1/127.0.0.1:8080 after 30000 ms | time-out",
        "i.n.c.ConnectTimeoutException: connection timed out after 10000 ms | time-out",
        "i.n.c.AbstractChannel$AnnotatedConnectException: finishConnect(..) failed: Connection"
            + " refused | refused",
        "j.i.IOException: Premature close | reset",
        "i.n.c.u.Errors$NativeIoException: recvAddress(..) failed: Connection reset by peer |"
            + " reset",
        "j.n.c.ClosedChannelException | reset",
        "status.find.is(200), found 503 | status 503",
        "status.find.is(200), but actually found 404 | status 404",
        "something new | other",
      })
  void theMessagesOfGatlingHaveAKind(String message, String kind) {
    assertThat(FailureKind.of(message)).isEqualTo(kind);
  }
}
