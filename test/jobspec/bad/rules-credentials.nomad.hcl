job "rules-credentials" {
  group "main" {
    task "run" {
      driver = "raw_exec"
      identity {
        name = "bad name"
      }
      identity {
        name = "x"
        aud = [""]
        change_mode = "signal"
      }
      secret "a-b" {
        provider = ""
        path = ""
      }
      secret "v" {
        provider = "vault"
        path = "x"
      }
      action "spa ce" {
        command = ""
      }
      vault {
        change_mode = "panic"
      }
    }
  }
}
