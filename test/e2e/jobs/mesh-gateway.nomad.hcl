variable "mode" {
  type    = string
  default = "bridge"
}

job "mesh-gateway" {
  group "gateway" {
    network {
      mode = var.mode
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
    }
  }
}
