job "edge" {
  group "edge" {
    network {
      mode = "bridge"
      port "inbound" {
        to = 8080
      }
    }

    service {
      name = "edge"
      port = "inbound"

      connect {
        gateway {
          ingress {
            listener {
              port     = 8080
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
