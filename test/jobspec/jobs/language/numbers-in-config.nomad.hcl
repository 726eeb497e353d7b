job "numbers-in-config" {
  type = "batch"

  group "main" {
    task "run" {
      driver = "mock_driver"

      config {
        integer  = 42
        negative = -7
        exact    = 2.0
        part     = 0.5
        text     = "42"
        computed = 10 / 4
        whole    = 10 / 5
        large    = 4294967296
        list     = [1, 2.5, "3"]
      }
    }
  }
}
