job "service-with-sidecar-tasks" {
  group "app" {
    network {
      mode = "bridge"
    }

    task "wait-for-db" {
      driver = "exec"

      lifecycle {
        hook    = "prestart"
        sidecar = false
      }

      config {
        command = "sh"
        args    = ["-c", "while ! nc -z db.service.consul 5432; do sleep 1; done"]
      }

      resources {
        cpu    = 50
        memory = 32
      }
    }

    task "log-agent" {
      driver = "exec"

      lifecycle {
        hook    = "prestart"
        sidecar = true
      }

      config {
        command = "/opt/agent"
      }

      restart {
        attempts = 10
        interval = "5m"
        delay    = "1s"
        mode     = "delay"
      }
    }

    task "app" {
      driver         = "exec"
      leader         = true
      shutdown_delay = "5s"

      config {
        command = "/opt/app"
      }
    }

    task "goodbye" {
      driver = "exec"

      lifecycle {
        hook = "poststop"
      }

      config {
        command = "/opt/goodbye"
      }
    }
  }
}
