job "check-restart" {
  group "main" {
    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }
    }

    service {
      name = "web"
      port = "http"

      check_restart {
        limit = 3
        grace = "90s"
      }

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }

      check {
        type     = "tcp"
        name     = "own"
        interval = "10s"
        timeout  = "2s"

        check_restart {
          limit           = 5
          ignore_warnings = true
        }
      }

      check {
        type                     = "tcp"
        name                     = "negative"
        interval                 = "10s"
        timeout                  = "2s"
        success_before_passing   = -1
        failures_before_critical = -1
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
