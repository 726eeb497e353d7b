job "secrets" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      vault {}

      secret "database" {
        provider = "vault"
        path     = "secret/data/db"

        config {
          engine = "kv_v2"
        }
      }

      secret "other" {
        provider = "my-plugin"
        path     = "x"

        env {
          TOKEN = "y"
        }
      }
    }
  }
}
