variable "version" {
  type    = string
  default = "1.9.2"
}

locals {
  environment = { LOG_LEVEL = "info", REGION = "eu" }
}

job "shop" {
  datacenters = ["dc1", "dc2"]

  group "web" {
    count = 3

    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }
    }

    service {
      name = "shop-web"
      port = "http"
      tags = ["version=${var.version}"]

      check {
        type     = "http"
        path     = "/health"
        interval = "10s"
        timeout  = "2s"
      }

      connect {
        sidecar_service {
          proxy {
            upstreams {
              destination_name = "shop-api"
              local_bind_port  = 9000
            }
          }
        }
      }
    }

    task "web" {
      driver = "docker"
      env    = merge(local.environment, { API = "http://${NOMAD_UPSTREAM_ADDR_shop_api}" })

      config {
        image = "example/shop-web:${var.version}"
        ports = ["http"]
      }

      resources {
        cpu    = 200
        memory = 256
      }
    }
  }
}
