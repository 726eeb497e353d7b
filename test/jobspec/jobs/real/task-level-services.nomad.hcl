job "task-level-services" {
  group "pair" {
    network {
      port "api" {}

      port "metrics" {
        static = 9100
      }
    }

    task "api" {
      driver = "exec"

      service {
        name = "${TASKGROUP}-${TASK}"
        port = "api"
        tags = ["urlprefix-/api"]

        check {
          type     = "http"
          path     = "/health"
          interval = "10s"
          timeout  = "2s"
        }

        check {
          type     = "script"
          name     = "disk"
          command  = "/bin/check-disk"
          interval = "1m"
          timeout  = "10s"
        }
      }

      service {
        name = "metrics"
        port = "metrics"

        check {
          type     = "tcp"
          interval = "10s"
          timeout  = "2s"
        }
      }

      config {
        command = "/opt/api"
        args    = ["-listen", "${NOMAD_ADDR_api}"]
      }
    }
  }
}
