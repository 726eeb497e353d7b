job "scaling-gives-the-count" {
  group "main" {
    scaling {
      min = 3
      max = 9
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
