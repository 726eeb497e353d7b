job "ci-runner" {
  type = "batch"

  parameterized {
    meta_required = ["repository", "commit"]
    payload       = "forbidden"
  }

  group "run" {
    ephemeral_disk {
      size = 5000
    }

    constraint {
      attribute    = "${meta.features}"
      set_contains = "docker"
    }

    reschedule {
      attempts  = 0
      unlimited = false
    }

    restart {
      attempts = 0
      mode     = "fail"
    }

    task "checkout" {
      driver = "docker"

      lifecycle {
        hook = "prestart"
      }

      config {
        image   = "example/git:2"
        command = "git"
        args    = ["clone", "${NOMAD_META_repository}", "${NOMAD_ALLOC_DIR}/data/source"]
      }
    }

    task "build" {
      driver = "docker"

      config {
        image    = "example/build:9"
        work_dir = "${NOMAD_ALLOC_DIR}/data/source"
        command  = "make"
        args     = ["COMMIT=${NOMAD_META_commit}"]
      }

      resources {
        cpu    = 2000
        memory = 4096
      }
    }

    task "report" {
      driver = "docker"

      lifecycle {
        hook = "poststop"
      }

      config {
        image = "example/report:1"
      }
    }
  }
}
