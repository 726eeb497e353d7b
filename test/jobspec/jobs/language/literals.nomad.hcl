job "literals" {
  type = "batch"

  meta {
    text          = "plain"
    empty         = ""
    number        = 42
    negative      = -7
    fraction      = 1.50
    exponent      = 12e3
    big           = 9007199254740993
    huge          = 123456789012345678901234567890
    sum           = 0.1 + 0.2
    third         = 1 / 3
    yes           = true
    no            = false
    escapes       = "tab\t quote\" backslash\\ newline\n"
    unicode       = "\u00e9\U0001F600"
    decomposed    = "é"
    dollar        = "$5 and $${not_a_template} and %%{neither}"
    lone          = "100% of $x"
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
