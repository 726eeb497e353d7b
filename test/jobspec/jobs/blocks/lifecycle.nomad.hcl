job "lifecycle" {
  group "main" {
    task "prepare" {
      driver = "raw_exec"

      lifecycle {
        hook = "prestart"
      }

      config {
        command = "/bin/prepare"
      }
    }

    task "collect" {
      driver = "raw_exec"

      lifecycle {
        hook = "prestart"
        sidecar = true
      }

      config {
        command = "/bin/collect"
      }
    }

    task "announce" {
      driver = "raw_exec"

      lifecycle {
        hook = "poststart"
        sidecar = false
      }

      config {
        command = "/bin/announce"
      }
    }

    task "clean" {
      driver = "raw_exec"

      lifecycle {
        hook = "poststop"
      }

      config {
        command = "/bin/clean"
      }
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
