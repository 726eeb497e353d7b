job "strings" {
  type = "batch"

  meta {
    chomp         = jsonencode(chomp("line\n\n"))
    indent        = jsonencode(indent(2, "a\nb\nc"))
    join          = jsonencode([join("-", ["a", "b"]), join(",", ["a"], ["b", "c"]), join(",", [])])
    lower         = lower("ÀBC")
    upper         = upper("straße")
    title         = title("hello big world")
    replace       = jsonencode([replace("1 + 2 + 3", "+", "-"), replace("hello", "/l/", "L")])
    regex_replace = jsonencode([regex_replace("a1b22", "[0-9]+", "#"), regex_replace("john doe", "(\\w+) (\\w+)", "$2 $1")])
    reverse       = reverse("hello")
    split         = jsonencode([split(",", "a,b,,c"), split("", "abc"), split(",", "")])
    strlen        = jsonencode([strlen("hello"), strlen("👩‍👩‍👧"), strlen("é")])
    strrev        = strrev("hello")
    substr        = jsonencode([substr("hello", 1, 3), substr("hello", -3, -1), substr("hello", 1, 100)])
    trim          = trim("?!hello?!", "!?")
    trimprefix    = trimprefix("helloworld", "hello")
    trimsuffix    = trimsuffix("helloworld", "world")
    trimspace     = jsonencode(trimspace("  a b \n"))
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
