variables {
  image   = "example/web"
  version = "1.9.2"
}

job "web-with-canaries" {
  update {
    max_parallel      = 3
    canary            = 3
    auto_promote      = false
    auto_revert       = true
    min_healthy_time  = "30s"
    healthy_deadline  = "5m"
    progress_deadline = "10m"
  }

  group "web" {
    count = 9

    spread {
      attribute = "${node.datacenter}"
    }

    constraint {
      distinct_hosts = true
    }

    network {
      port "http" {
        to = 8080
      }
    }

    service {
      name        = "web"
      port        = "http"
      provider    = "nomad"
      tags        = ["live"]
      canary_tags = ["canary"]

      check {
        name     = "alive"
        type     = "http"
        path     = "/alive"
        interval = "5s"
        timeout  = "1s"

        check_restart {
          limit = 3
          grace = "30s"
        }
      }
    }

    task "web" {
      driver = "docker"

      config {
        image = "${var.image}:${var.version}"
        ports = ["http"]
      }

      resources {
        cpu    = 300
        memory = 256
      }
    }
  }
}
