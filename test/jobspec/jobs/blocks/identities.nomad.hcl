job "identities" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      identity {
        env           = true
        file          = true
        change_mode   = "restart"
      }

      identity {
        name          = "aws"
        aud           = ["sts.amazonaws.com"]
        ttl           = "1h"
        file          = true
        filepath      = "local/token.jwt"
        change_mode   = "signal"
        change_signal = "SIGHUP"
      }

      identity {
        name = "vault_default"
        aud  = ["vault.io"]
        env  = true
        ttl  = "30m"
      }
    }
  }
}
