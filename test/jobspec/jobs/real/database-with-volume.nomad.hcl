job "database" {
  group "postgres" {
    volume "data" {
      type            = "csi"
      source          = "postgres"
      attachment_mode = "file-system"
      access_mode     = "single-node-writer"
    }

    network {
      mode = "bridge"

      port "db" {
        to = 5432
      }
    }

    service {
      name = "postgres"
      port = "db"
      tags = ["primary"]

      connect {
        sidecar_service {}
      }

      check {
        type     = "script"
        task     = "postgres"
        command  = "/usr/bin/pg_isready"
        interval = "10s"
        timeout  = "5s"
      }
    }

    task "postgres" {
      driver       = "docker"
      kill_signal  = "SIGINT"
      kill_timeout = "60s"

      volume_mount {
        volume      = "data"
        destination = "/var/lib/postgresql/data"
      }

      config {
        image = "postgres:17"
        ports = ["db"]
      }

      env {
        POSTGRES_PASSWORD_FILE = "${NOMAD_SECRETS_DIR}/password"
      }

      template {
        data        = "{{ with nomadVar \"nomad/jobs/database\" }}{{ .password }}{{ end }}"
        destination = "secrets/password"
        perms       = "0400"
        change_mode = "noop"
      }

      resources {
        cpu        = 2000
        memory     = 2048
        memory_max = 4096
      }
    }
  }
}
