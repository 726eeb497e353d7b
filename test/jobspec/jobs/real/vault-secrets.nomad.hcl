job "vault-secrets" {
  vault {
    role = "default-role"
  }

  group "app" {
    task "app" {
      driver = "exec"

      identity {
        name        = "vault_default"
        aud         = ["vault.io"]
        ttl         = "1h"
        change_mode = "restart"
      }

      config {
        command = "/opt/app"
      }

      template {
        data        = <<-EOT
          {{ with secret "secret/data/app" }}
          PASSWORD="{{ .Data.data.password }}"
          {{ end }}
        EOT
        destination = "${NOMAD_SECRETS_DIR}/app.env"
        env         = true
      }
    }

    task "other" {
      driver = "exec"

      vault {
        role        = "other"
        change_mode = "noop"
      }

      config {
        command = "/opt/other"
      }
    }
  }
}
