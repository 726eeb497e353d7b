job "type-batch" {
  type = "batch"

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
