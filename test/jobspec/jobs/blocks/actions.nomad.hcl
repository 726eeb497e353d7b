job "actions" {
  group "main" {
    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }

      action "reload" {
        command = "/bin/kill"
        args    = ["-HUP", "1"]
      }

      action "show" {
        command = "/bin/ps"
      }
    }
  }
}
