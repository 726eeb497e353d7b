job "consul-of-task" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      consul {
        cluster = "default"
      }
    }
  }
}
