job "group-attributes" {
  group "main" {
    count                         = 3
    shutdown_delay                = "4s"

    meta {
      tier = "front"
    }

    consul {
      namespace = "team"
      partition = "p1"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
