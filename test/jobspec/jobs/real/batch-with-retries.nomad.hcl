job "batch-with-retries" {
  type     = "batch"
  priority = 30

  group "import" {
    count = 4

    restart {
      attempts = 2
      interval = "10m"
      delay    = "5s"
      mode     = "fail"
    }

    reschedule {
      attempts       = 2
      interval       = "6h"
      delay          = "1m"
      delay_function = "exponential"
      max_delay      = "10m"
      unlimited      = false
    }

    ephemeral_disk {
      size = 2000
    }

    task "import" {
      driver = "exec"
      user   = "importer"

      artifact {
        source      = "https://example.com/import-1.4.tgz"
        destination = "local/import"

        options {
          checksum = "md5:0123456789abcdef0123456789abcdef"
        }
      }

      config {
        command = "local/import/run.sh"
        args    = ["--part", "${NOMAD_ALLOC_INDEX}", "--of", "4"]
      }

      resources {
        cpu    = 1000
        memory = 1024
      }
    }
  }
}
