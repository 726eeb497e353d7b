variable "environment" {
  type        = string
  default     = "staging"
  description = "staging or production"

  validation {
    condition     = contains(["staging", "production"], var.environment)
    error_message = "An environment is staging or production."
  }
}

locals {
  production = var.environment == "production"

  settings = {
    staging    = { count = 1, cpu = 100, hosts = ["staging.example.com"] }
    production = { count = 4, cpu = 800, hosts = ["example.com", "www.example.com"] }
  }

  chosen = local.settings[var.environment]
}

job "shop" {
  name        = "shop-${var.environment}"
  namespace   = var.environment
  datacenters = local.production ? ["dc1", "dc2"] : ["dc1"]

  group "shop" {
    count = local.chosen.count

    network {
      mode = "bridge"

      port "http" {
        to = 8080
      }
    }

    service {
      name = "shop"
      port = "http"
      tags = concat(["env=${var.environment}"], [for host in local.chosen.hosts : "host=${host}"])
    }

    task "shop" {
      driver = "docker"

      config {
        image = format("example/shop:%s", local.production ? "stable" : "edge")
        ports = ["http"]
      }

      env {
        HOSTS = join(",", local.chosen.hosts)
        DEBUG = !local.production
      }

      resources {
        cpu    = local.chosen.cpu
        memory = local.chosen.cpu * 2
      }
    }
  }
}
