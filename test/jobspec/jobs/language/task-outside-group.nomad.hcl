job "task-outside-group" {
  type = "batch"

  task "alone" {
    driver = "raw_exec"

    config {
      command = "/bin/true"
    }
  }

  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/false"
      }
    }
  }
}
