# A service with a proxy; what the variables say can change while it runs.

variable "tags" {
  type    = list(string)
  default = ["v1"]
}

variable "upstreams" {
  description = "names and the ports at which the task finds them"
  type        = map(number)
  default     = { api = 8080 }
}

variable "program" {
  default = "loop"
}

job "in-place" {
  group "web" {
    network {
      mode = "bridge"
    }

    service {
      name = "web"
      port = "9002"
      tags = var.tags

      connect {
        sidecar_service {
          proxy {
            dynamic "upstreams" {
              for_each = var.upstreams

              content {
                destination_name = upstreams.key
                local_bind_port  = upstreams.value
              }
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }

    task "loop" {
      driver = "raw_exec"

      config {
        command = "/usr/bin/python3"
        args    = ["-m", "http.server", "--bind", "127.0.0.1", "9002"]
      }

      env {
        PROGRAM = var.program
      }
    }
  }
}
