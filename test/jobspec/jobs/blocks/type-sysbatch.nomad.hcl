job "type-sysbatch" {
  type = "sysbatch"

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
