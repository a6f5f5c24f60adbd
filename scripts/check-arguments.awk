# Checks the arguments of ./bench against its help pages, before anything is built: awk -f THIS -- ARGUMENT...
# HELP_PAGES in the environment is the folder of the pages. Exit code 0: go on; 2: wrong, and standard error says why; 3: the
# help was printed. The sentences are those of the bench itself; HelpPagesTest compares them.
BEGIN {
  pages = ENVIRON["HELP_PAGES"]
  words = 0 # arguments that are no option
  read_page("bench")
  for (i = 1; i < ARGC; i++) {
    argument = ARGV[i]
    if (argument == "--" || argument ~ /^@/) exit 0 # the bench itself reads the rest
    if (argument == "-h" || argument == "--help") { print_page(); exit 3 }
    if (argument !~ /^-/) {
      if (words == 0 && page == "bench" && (argument in commands)) read_page("bench-" argument)
      else if (++words > positionals) wrong("Unmatched argument at index " (i - 1) ": '" argument "'")
      continue
    }
    name = argument
    sub(/=.*/, "", name)
    if (!(name in label)) wrong("Unknown option: '" argument "'")
    if (label[name] == "") continue
    if (index(argument, "=")) value = substr(argument, index(argument, "=") + 1)
    else if (i + 1 < ARGC) value = ARGV[++i]
    else wrong("Missing required parameter for option '" name "' (" label[name] ")")
    check_number(name, value)
  }
  exit 0
}

# Fills label[], from[] and to[] with the options of a page, and commands[] with its subcommands.
function read_page(which,    file, line, option, in_commands) {
  page = which
  file = pages "/" which ".txt"
  split("", label); split("", text); split("", commands)
  positionals = 0
  option = ""
  while ((getline line < file) > 0) {
    if (line ~ /^Commands:/) in_commands = 1
    else if (in_commands && match(line, /^  [a-z-]+/)) commands[substr(line, 3, RLENGTH - 2)] = 1
    else if (match(line, /^ *(-[a-zA-Z], )?--[a-z0-9-]+(=[^ ]+)?/)) {
      option = substr(line, RSTART, RLENGTH)
      sub(/^.*--/, "--", option)
      value_label = option
      sub(/^[^=]*=?/, "", value_label)
      sub(/=.*/, "", option)
      label[option] = value_label
      text[option] = substr(line, RSTART + RLENGTH)
    } else if (line ~ /^ +\[DIR\.\.\.\] /) { positionals = 1000; option = "" }
    else if (line ~ /^ +\[?DIR\]? /) { positionals++; option = "" }
    else if (option != "") text[option] = text[option] " " line
  }
  close(file)
}

function print_page(    file, line) {
  file = pages "/" page ".txt"
  while ((getline line < file) > 0) print line
}

# An option whose text says "1 to 10000" takes a whole number between them.
function check_number(name, value,    limits, bounds, whole) {
  limits = text[name]
  gsub(/ +/, " ", limits)
  gsub(/ \([a-z ]+\)/, "", limits)
  if (label[name] !~ /^(N|MS|S|RATE|UNITS|PERCENT)$/ || !match(limits, /[0-9]+ to [0-9]+/)) return
  split(substr(limits, RSTART, RLENGTH), bounds, " to ")
  whole = value ~ /^[+-]?[0-9]+$/
  if (!whole && page != "bench") wrong("Invalid value for option '" name "': '" value "' is not an int")
  if (!whole || value + 0 < bounds[1] + 0 || value + 0 > bounds[2] + 0)
    wrong(name " takes a whole number from " bounds[1] " to " bounds[2] ", not '" value "'.")
}

function wrong(sentence) {
  print sentence | "cat 1>&2"
  close("cat 1>&2")
  exit 2
}
