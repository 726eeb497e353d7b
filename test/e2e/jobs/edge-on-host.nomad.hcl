variable "port" {
  type = number
}

job "edge-on-host" {
  group "edge" {
    network {
      mode = "host"
      port "inbound" {
        static = var.port
      }
    }

    service {
      name = "edge-on-host"
      port = "inbound"

      connect {
        gateway {
          ingress {
            listener {
              port     = var.port
              protocol = "tcp"
              service {
                name = "api"
              }
            }
          }
        }
      }
    }

    update {
      min_healthy_time = "0s"
    }
  }
}
