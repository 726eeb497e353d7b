job "restart-full" {
  group "main" {
    restart {
      attempts         = 5
      interval         = "10m"
      delay            = "25s"
      mode             = "delay"
      render_templates = true
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
