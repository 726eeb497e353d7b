job "datacenter-gateway" {
  group "first" {
    restart {
      attempts = 5
      delay    = "1s"
    }

    network {
      mode = "bridge"
      port "wan" {
        static = 8443
      }
    }

    service {
      name = "mesh-gateway"
      port = "wan"

      connect {
        gateway {
          mesh {}
        }
      }
    }
  }

  group "second" {
    restart {
      attempts = 5
      delay    = "1s"
    }

    network {
      mode = "bridge"
      port "wan" {
        static = 8444
      }
    }

    service {
      name = "mesh-gateway"
      port = "wan"

      connect {
        gateway {
          mesh {}
        }
      }
    }
  }

  update {
    min_healthy_time = "0s"
  }
}
