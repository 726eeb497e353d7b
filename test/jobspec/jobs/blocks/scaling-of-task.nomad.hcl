job "scaling-of-task" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      scaling "cpu" {
        enabled = true
        min     = 50
        max     = 500

        policy {
          check "p95" {
            strategy "app-sizing-percentile" {
              percentile = "95"
            }
          }
        }
      }

      scaling "mem" {
        max = 1024
      }
    }
  }
}
