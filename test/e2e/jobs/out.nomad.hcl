job "out" {
  group "out" {
    network {
      mode = "bridge"
    }

    service {
      name = "out"

      connect {
        gateway {
          terminating {
            service {
              name = "postgres"
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
