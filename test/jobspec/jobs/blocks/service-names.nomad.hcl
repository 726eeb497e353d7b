job "service-names" {
  group "main" {
    network {
      port "http" {}
    }

    service {
      port = "http"
    }

    service {
      name = "${JOB}-${TASKGROUP}-${TASK}-${BASE}"
      port = "http"
    }

    service {
      name = "on-${NOMAD_DC}"
      port = "http"
    }

    service {
      name    = "fixed-address"
      address = "10.1.2.3"
      port    = "http"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
