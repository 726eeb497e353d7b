job "service-of-task" {
  group "main" {
    network {
      port "http" {}
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      service {
        port         = "http"
        address_mode = "driver"
      }

      service {
        name = "numeric"
        port = 8080

        address_mode = "driver"

        check {
          type         = "http"
          path         = "/"
          interval     = "5s"
          timeout      = "1s"
          address_mode = "driver"
        }
      }
    }
  }
}
