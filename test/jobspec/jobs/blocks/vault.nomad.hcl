job "vault" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      vault {
        role                   = "app"
        namespace              = "team"
        cluster                = "other"
        env                    = false
        disable_file           = true
        change_mode            = "signal"
        change_signal          = "sigusr1"
        allow_token_expiration = true
      }
    }
  }
}
