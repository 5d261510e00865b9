"""Is this station fit for a session day? One check a module; none needs a window or a tracker."""
