variable "count" {
  type    = number
  default = 1
}

job "mesh-gateway" {
  group "gateway" {
    count = var.count

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
      max_parallel     = var.count
    }
  }
}
