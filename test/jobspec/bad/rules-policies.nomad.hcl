job "rules-policies" {
  group "main" {
    restart {
      attempts = 0
      mode = "delay"
    }
    reschedule {
      attempts = 5
      unlimited = true
      delay = "1s"
      delay_function = "linear"
    }
    update {
      auto_promote = true
      min_healthy_time = "10m"
      health_check = "magic"
    }
    disconnect {
      lost_after = "1m"
      stop_on_client_after = "1m"
      reconcile = "coin"
    }
    migrate {
      max_parallel = -1
    }
    task "run" {
      driver = "raw_exec"
    }
  }
}
