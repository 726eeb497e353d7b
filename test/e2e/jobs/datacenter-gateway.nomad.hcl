job "datacenter-gateway" {
  group "gateway" {
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

    update {
      min_healthy_time = "0s"
    }
  }
}
