variable "bucket" {
  type    = string
  default = "s3://backups"
}

job "nightly-backup" {
  type = "batch"

  periodic {
    crons            = ["15 2 * * *"]
    time_zone        = "Europe/Vienna"
    prohibit_overlap = true
  }

  group "backup" {
    task "dump" {
      driver = "exec"

      lifecycle {
        hook = "prestart"
      }

      config {
        command = "/usr/bin/pg_dump"
        args    = ["-f", "${NOMAD_ALLOC_DIR}/data/dump.sql"]
      }
    }

    task "upload" {
      driver = "exec"

      config {
        command = "/usr/bin/upload"
        args    = ["${NOMAD_ALLOC_DIR}/data/dump.sql", var.bucket]
      }

      template {
        destination = "secrets/credentials.env"
        env         = true
        data        = <<EOF
{{ with nomadVar "nomad/jobs/nightly-backup" }}
ACCESS_KEY={{ .access_key }}
SECRET_KEY={{ .secret_key }}
{{ end }}
EOF
      }
    }
  }
}
