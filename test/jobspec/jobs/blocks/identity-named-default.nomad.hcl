job "identity-named-default" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      identity {
        name = "default"
        env  = true
      }
    }
  }
}
