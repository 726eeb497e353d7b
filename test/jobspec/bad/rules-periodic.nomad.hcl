job "rules-periodic" {
  type = "batch"
  periodic {
    cron = "61 * * * *"
    crons = ["* * *"]
    time_zone = "Mars/Base"
  }
  parameterized {
    payload = "maybe"
    meta_required = ["a"]
    meta_optional = ["a"]
  }
  group "main" {
    task "run" {
      driver = "raw_exec"
    }
  }
}
