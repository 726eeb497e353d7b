job "redis" {
  group "cache" {
    ephemeral_disk {
      migrate = true
      size    = 500
      sticky  = true
    }

    network {
      port "db" {
        to = 6379
      }
    }

    service {
      tags = ["global", "cache"]
      port = "db"

      check {
        type     = "tcp"
        interval = "10s"
        timeout  = "2s"
      }
    }

    task "redis" {
      driver = "docker"

      config {
        image          = "redis:7"
        ports          = ["db"]
        auth_soft_fail = true
      }

      identity {
        env  = true
        file = true
      }

      resources {
        cpu    = 500
        memory = 256
      }
    }
  }
}
