job "required-arguments" {
  group "main" {
    task "run" {
      driver = "exec"

      lifecycle {}

      action "x" {}

      template {
        data        = "x"
        destination = "local/x"

        wait {}

        change_script {}
      }
    }
  }
}
