job "migrate" {
  group "main" {
    migrate {
      max_parallel     = 2
      health_check     = "task_states"
      min_healthy_time = "15s"
      healthy_deadline = "2m"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
