job "typos" {
  dataceters = ["dc1"]
  typ        = "batch"

  grup "main" {}

  group "main" {
    conut = 2

    tsak "run" {}

    task "run" {
      drvier = "exec"

      confg {
        command = "x"
      }

      resources {
        memmory = 100
      }
    }
  }
}
