job "rules-batch-update" {
  type = "batch"
  group "main" {
    update {}
    migrate {}
    task "run" {
      driver = "raw_exec"
    }
  }
}
