package dev.handlermodels.api.admission;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.handlermodels.api.ProblemException;
import dev.handlermodels.api.settings.RateLimitSettings;
import io.github.bucket4j.TimeMeter;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.util.List;
import org.junit.jupiter.api.DisplayNameGeneration;
import org.junit.jupiter.api.DisplayNameGenerator;
import org.junit.jupiter.api.Test;

@DisplayNameGeneration(DisplayNameGenerator.ReplaceUnderscores.class)
class RateLimitTest {
  private static final int CLIENTS = 10;
  private static final int WINDOW_SECONDS = 60;

  private final SimpleMeterRegistry registry = new SimpleMeterRegistry();
  private long nanos;

  private final TimeMeter clock =
      new TimeMeter() {
        @Override
        public long currentTimeNanos() {
          return nanos;
        }

        @Override
        public boolean isWallClockBased() {
          return false;
        }
      };

  @Test
  void a_client_has_its_share_and_is_told_when_to_come_again() {
    RateLimit limit = limit(0, 3);
    assertThat(limit.take(client("192.0.2.1")))
        .containsEntry("RateLimit-Policy", "\"client\";q=3;w=60")
        .containsEntry("RateLimit", "\"client\";r=2");
    limit.take(client("192.0.2.1"));
    assertThat(limit.take(client("192.0.2.1"))).containsEntry("RateLimit", "\"client\";r=0");

    ProblemException refused = refusal(limit, "192.0.2.1");
    assertThat(refused.problem().status()).isEqualTo(429);
    assertThat(refused.problem().detail()).contains("3 requests in 60 s");
    assertThat(refused.closesConnection()).isFalse();
    assertThat(refused.headers())
        .containsEntry("Retry-After", "20")
        .containsEntry("RateLimit-Policy", "\"client\";q=3;w=60")
        .containsEntry("RateLimit", "\"client\";r=0;t=20");
    assertThat(refusedTo("client")).isEqualTo(1);

    nanos += 19_999_999_999L;
    assertThat(refusal(limit, "192.0.2.1").headers()).containsEntry("Retry-After", "1");
    nanos += 1;
    assertThat(limit.take(client("192.0.2.1"))).containsEntry("RateLimit", "\"client\";r=0");
  }

  @Test
  void one_client_takes_nothing_from_another() {
    RateLimit limit = limit(0, 1);
    limit.take(client("192.0.2.1"));
    assertThat(refusal(limit, "192.0.2.1")).isNotNull();
    assertThat(limit.take(client("192.0.2.2"))).isNotEmpty();
  }

  @Test
  void all_clients_together_have_a_limit_too() {
    RateLimit limit = limit(2, 0);
    assertThat(limit.take(client("192.0.2.1")))
        .containsEntry("RateLimit-Policy", "\"all\";q=2;w=60")
        .containsEntry("RateLimit", "\"all\";r=1");
    limit.take(client("192.0.2.2"));
    assertThat(refusal(limit, "192.0.2.3").headers())
        .containsEntry("RateLimit", "\"all\";r=0;t=30");
    assertThat(refusedTo("all")).isEqualTo(1);
  }

  @Test
  void a_client_that_is_refused_takes_nothing_from_all() {
    RateLimit limit = limit(3, 1);
    assertThat(limit.take(client("192.0.2.1")))
        .containsEntry("RateLimit-Policy", "\"client\";q=1;w=60, \"all\";q=3;w=60")
        .containsEntry("RateLimit", "\"client\";r=0, \"all\";r=2");
    for (int i = 0; i < 10; i++) {
      assertThat(refusal(limit, "192.0.2.1")).isNotNull();
    }
    assertThat(limit.take(client("192.0.2.2")))
        .containsEntry("RateLimit", "\"client\";r=0, \"all\";r=1");
  }

  @Test
  void a_client_that_is_refused_because_of_all_keeps_its_share() {
    RateLimit limit = limit(1, 2);
    limit.take(client("192.0.2.1"));
    for (int i = 0; i < 10; i++) {
      assertThat(refusal(limit, "192.0.2.2").headers().get("RateLimit")).startsWith("\"all\"");
    }
    nanos += WINDOW_SECONDS * 1_000_000_000L;
    assertThat(limit.take(client("192.0.2.2")))
        .containsEntry("RateLimit", "\"client\";r=1, \"all\";r=0");
  }

  @Test
  void the_number_of_clients_remembered_has_a_bound() {
    RateLimit limit = limit(0, 1);
    for (int i = 0; i < 100 * CLIENTS; i++) {
      limit.take(client("10.0." + i / 256 + "." + i % 256));
    }
    assertThat(registry.get("rate.limit.clients").gauge().value()).isEqualTo(CLIENTS);
  }

  private RateLimit limit(int inAll, int perClient) {
    return new RateLimit(
        new RateLimitSettings(inAll, perClient, WINDOW_SECONDS, CLIENTS, 0), registry, clock);
  }

  private static ClientAddress client(String address) {
    return new ClientAddress(address, List.of());
  }

  private static ProblemException refusal(RateLimit limit, String address) {
    return catchThrowableOfType(ProblemException.class, () -> limit.take(client(address)));
  }

  private double refusedTo(String policy) {
    return registry.get("rate.limit.refused").tag("policy", policy).counter().count();
  }
}
