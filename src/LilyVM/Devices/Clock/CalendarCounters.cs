namespace LilyVM.Devices.Clock;

/// <summary>
/// The counters of a calendar clock, each a number of its own (MC146818A data sheet, "Time, calendar, and alarm locations"). A program may
/// write what no date has into any of them. Such a counter counts on like every other: at its last value or beyond, its next step leads to
/// its first one. Weekdays begin with 1, a Sunday unless the program that set it thinks otherwise; years have no century.
/// </summary>
internal readonly record struct CalendarCounters(int Second, int Minute, int Hour, int Weekday, int Day, int Month, int Year, int Century)
{
    private const int DaysOfWeek = 7, YearsOfCalendar = 400; // after which dates and leap years repeat

    /// <summary>The counters at a second, counted from the beginning of the year 1.</summary>
    internal static CalendarCounters At(long second)
    {
        var date = new DateTime(second * TimeSpan.TicksPerSecond);
        return new(date.Second, date.Minute, date.Hour, (int)date.DayOfWeek + 1, date.Day, date.Month, date.Year % 100, date.Year / 100);
    }

    /// <summary>
    /// The second, counted from the beginning of the year 1, that the counters show; null if there is no such one, or it is in the last
    /// year.
    /// </summary>
    internal long? ToSecond()
    {
        int year = FullYear;
        if (Second > 59 || Minute > 59 || Hour > 23 || Weekday is < 1 or > DaysOfWeek || Month is < 1 or > 12 || Year > 99
            || year is < 1 or > 9998 || Day < 1 || Day > DateTime.DaysInMonth(year, Month))
            return null;
        return new DateTime(year, Month, Day, Hour, Minute, Second).Ticks / TimeSpan.TicksPerSecond;
    }

    /// <summary>The counters some seconds later.</summary>
    internal CalendarCounters After(long seconds)
    {
        (int second, long minutes) = Count(Second, 60, seconds);
        (int minute, long hours) = Count(Minute, 60, minutes);
        (int hour, long days) = Count(Hour, 24, hours);
        CalendarCounters counters = this with { Second = second, Minute = minute, Hour = hour };
        for (; days > 0; days--)
            counters = counters.NextDay();
        return counters;
    }

    private int FullYear => Century * 100 + Year;

    // A counter from 0 to below a size, and how often it began again.
    private static (int Value, long Carries) Count(int value, int size, long steps)
    {
        if (steps == 0)
            return (value, 0);
        bool beyond = value >= size;
        long sum = beyond ? steps - 1 : value + steps;
        return ((int)(sum % size), sum / size + (beyond ? 1 : 0));
    }

    private CalendarCounters NextDay()
    {
        CalendarCounters next = this with { Weekday = Weekday < DaysOfWeek ? Weekday + 1 : 1 };
        int days = Month is < 1 or > 12 ? 31 : DateTime.DaysInMonth(FullYear % YearsOfCalendar + YearsOfCalendar, Month);
        if (Day < days)
            return next with { Day = Day + 1 };
        next = next with { Day = 1 };
        if (Month < 12)
            return next with { Month = Month + 1 };
        next = next with { Month = 1 };
        if (Year < 99)
            return next with { Year = Year + 1 };
        return next with { Year = 0, Century = Century < 99 ? Century + 1 : 0 };
    }
}
