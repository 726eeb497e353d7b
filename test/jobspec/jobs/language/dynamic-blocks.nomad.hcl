job "dynamic-blocks" {
  type = "batch"

  group "main" {
    network {
      mode = "bridge"

      dynamic "port" {
        for_each = ["http", "admin"]
        labels   = [port.value]

        content {
          to = 8000 + port.key
        }
      }
    }

    dynamic "task" {
      for_each = { one = "1", two = "2" }
      iterator = program
      labels   = ["run-${program.key}"]

      content {
        driver = "raw_exec"

        config {
          command = "/bin/echo"
          args    = [program.value]
        }

        dynamic "template" {
          for_each = program.key == "one" ? ["a", "b"] : []

          content {
            data        = "${program.key} ${template.value}"
            destination = "local/${template.value}.txt"
          }
        }
      }
    }
  }
}
