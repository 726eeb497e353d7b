variables {
  blue  = "1.0.0"
  green = "1.1.0"
}

job "blue-green" {
  update {
    canary       = 3
    max_parallel = 3
    auto_promote = true
    auto_revert  = true
  }

  group "site" {
    count = 3

    network {
      mode = "bridge"

      port "http" {
        to = 80
      }
    }

    service {
      name        = "site"
      port        = "http"
      tags        = ["blue", "version=${var.blue}"]
      canary_tags = ["green", "version=${var.green}"]

      canary_meta {
        release = var.green
      }

      check {
        type      = "http"
        path      = "/"
        interval  = "5s"
        timeout   = "1s"
        on_update = "require_healthy"
      }
    }

    task "site" {
      driver = "docker"

      config {
        image = "example/site:${var.green}"
        ports = ["http"]
      }
    }
  }
}
