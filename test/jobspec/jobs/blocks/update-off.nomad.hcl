job "update-off" {
  group "main" {
    update {
      max_parallel = 0
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
