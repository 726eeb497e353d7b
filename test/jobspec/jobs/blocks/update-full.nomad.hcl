job "update-full" {
  group "main" {
    count = 5

    update {
      max_parallel      = 2
      health_check      = "task_states"
      min_healthy_time  = "20s"
      healthy_deadline  = "4m"
      progress_deadline = "15m"
      auto_revert       = true
      auto_promote      = true
      canary            = 2
      stagger           = "45s"
    }

    task "run" {
      driver = "raw_exec"

      config {
        command = "/bin/true"
      }
    }
  }
}
