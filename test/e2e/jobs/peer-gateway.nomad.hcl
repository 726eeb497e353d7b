job "mesh-gateway" {
  group "gateway" {
    count = 2

    network {
      mode = "bridge"
      port "wan" {}
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
      max_parallel     = 2
    }
  }
}
